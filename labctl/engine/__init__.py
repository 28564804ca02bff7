"""Make it so: one interface, two engines, and a pure difference between plan and reality."""
