"""What compiled drawings import while they run. What stands here keeps its meaning: builds that are stored use it."""
