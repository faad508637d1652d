"""The built-in Preview: a labelled draft, rendered on the CPU by a process of its own."""
