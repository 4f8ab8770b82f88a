/* Messages under way: kept as deep copies, and known outside by a number, a label and a meaning. */
#ifndef MESSAGES_H
#define MESSAGES_H

#include <raft.h>

#include "json.h"

/* Forget all messages. */
void messages_clear(void);
/* Keep a message, and add it to a list of JSON objects as the protocol shows it. What one link has
 * carried before is the same message, with the same number. */
void messages_keep(struct text *list, raft_id from, const struct raft_message *message);
/* The message of a number as it arrives: a copy that libraft owns. */
void messages_open(long number, struct raft_message *message);

/* What an entry holds, as text: a command, nothing, or a configuration. */
void add_content(struct text *text, unsigned short type, const struct raft_buffer *content);

#endif
