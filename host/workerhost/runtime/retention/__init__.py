"""What is kept and for how long, in the database and in Temporal, and the jobs that delete what is older."""
