"""PySyncObj as a subject, in process."""
