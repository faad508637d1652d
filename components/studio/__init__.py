"""The application: uploads, jobs, the library, and a film's whole life."""
