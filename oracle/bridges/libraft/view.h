/* Servers as the protocol shows them. */
#ifndef VIEW_H
#define VIEW_H

#include "server.h"

/* Nothing of this server has been shown yet. */
void view_forget(const struct server *server);
/* After a start, the whole log is shown again. */
void view_show_all(const struct server *server);
/* Add a running server's view as a JSON object. */
void view_add(struct text *reply, const struct server *server);
/* Add the last view of a server that has just crashed, with the log that its disk holds. */
void view_add_crashed(struct text *reply, const struct server *server);

#endif
