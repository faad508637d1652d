"""The page, drawn with Gradio."""
