"""HTTP beside Gradio: routes, visitors, and what stays shut."""
