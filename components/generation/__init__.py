"""The domain: what is asked for, what a service can do, and the life of a job."""
