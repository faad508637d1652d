"""Wan Flash Studio: one picture, a few words and an mp3 become a short film."""
