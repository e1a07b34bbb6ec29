"""What is sent to workerhost, in a call or in a drawing: types of its fields, and sentences about what does not fit."""
