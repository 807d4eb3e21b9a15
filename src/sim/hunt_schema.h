/* The documented tables of advanced hunting that the simulated tenant knows; most of them are empty here. */
#ifndef SIM_HUNT_SCHEMA_H
#define SIM_HUNT_SCHEMA_H

/* "DeviceInfo Timestamp:d DeviceId:s ...", NULL-terminated. Types: s string, l long, i int, b bool, d datetime, r real,
 * y dynamic, g guid, t timespan. */
extern const char *const hunt_schema[];

#endif
