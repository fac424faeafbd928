"""Real protocol peers on sockets: controllers for a real centre, a centre for real controllers, SMS."""
