/* The topics of `help` that are no command. */
#ifndef COMMANDS_TOPICS_H
#define COMMANDS_TOPICS_H

struct help_topic {
	const char *name, *summary, *text;
};

/* Ends with name NULL. */
extern const struct help_topic help_topics[];

#endif
