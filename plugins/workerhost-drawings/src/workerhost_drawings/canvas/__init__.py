"""The front end of canvas graphs.

What the format leaves open is decided so:

- A drawing has at most 2,000 nodes, 4,000 edges and 200 loops, which may stand in each other 12 deep.
- Times without a unit are seconds.
- Where a condition has no false branch, the run goes on where the true branch joins ways that do not lead through it,
  or at the end to which it leads.
- Several edges out of one node run at once until all meet. An end in one of the branches ends the whole run.
- A body of a loop leads back to it, or runs out. A way out of it to what follows is taken for loops with a condition.
- Without a mapping an end takes the result of the node before, through nodes that have none. Of branches that run at
  once that is the list of their results, and of a trigger the input.
- A declaration (`ServiceVariable`) without edges is done before the trigger.
"""
