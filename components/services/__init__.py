"""The sellers of the model, one module each, and the Preview that needs none."""
