/* The memory of one server, which a crash takes along as a whole. */
#ifndef HEAP_H
#define HEAP_H

struct block;

struct heap {
	struct block *blocks;
};

/* Have libraft take its memory from us. */
void heap_install(void);
/* From now on, what libraft allocates belongs to this server. */
void heap_use(struct heap *heap);
/* All memory of a server is gone. */
void heap_clear(struct heap *heap);

#endif
