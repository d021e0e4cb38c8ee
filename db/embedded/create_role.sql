-- Makes the role that a server works as; it owns nothing.
CREATE ROLE %s LOGIN
