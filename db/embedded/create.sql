-- Makes the database that the quoted identifier names: PostgreSQL cannot take
-- a database's name as a parameter.
CREATE DATABASE %s
