"""The three examples: programs that paint the pictures, synthesise the sounds and have the films made."""
