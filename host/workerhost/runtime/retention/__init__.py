"""What is kept and for how long, in the database and in Temporal, and the job that deletes what is older."""
