/* The settings of a run. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "server.h"

/* Read settings; those that are left out have their defaults. */
void options_read(struct options *options, const struct json *given);
/* Add the list of all settings. */
void options_add(struct text *reply);

#endif
