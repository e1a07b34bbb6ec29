"""What the TypeScript client is made with: types from schemas, and methods from operations."""
