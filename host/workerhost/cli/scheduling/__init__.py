"""`workerhost schedules`: what is started at times, and by which command each is made, changed and looked at."""
