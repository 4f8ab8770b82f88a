"""The world around a subject: its network, what happens there, and the judging of every step."""
