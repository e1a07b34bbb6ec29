"""Project processes as their host sees them: forked on demand, asked, watched, ended."""
