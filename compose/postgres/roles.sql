-- The role of the stacks. It gets its password when a run starts, and may do what the contract asks and no more.
CREATE ROLE bench LOGIN;
CREATE EXTENSION pg_stat_statements;
