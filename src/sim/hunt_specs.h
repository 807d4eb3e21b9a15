/* A line for each hunting table that the story does not lead through: whose rows it has, how many, and their values. */
#ifndef SIM_HUNT_SPECS_H
#define SIM_HUNT_SPECS_H

/* Fields: Column=value, each ended by ';'. Of values with '|' between them a row takes those of one place in all its
 * columns, with '~' any one. {u} is the person's address, {a} the account, {d} the device, {n} a number, {i} an id. What is
 * not given is told by its name or type. */
struct hunt_spec {
	const char *table;
	char subject; /* 'd' a device, 'p' a person at one, 't' the tenant */
	unsigned percent, rows; /* how many of them, and rows for each */
	const char *fields;
};

extern const struct hunt_spec hunt_specs[]; /* ends with a NULL table */

#endif
