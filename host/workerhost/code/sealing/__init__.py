"""What a process takes from itself before project code runs in it: files, network, its neighbours, and its children."""
