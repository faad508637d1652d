"""Files and nothing else: pictures, sounds and films, looked at and mended."""
