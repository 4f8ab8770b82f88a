/* The memory of one server, which a crash takes along as a whole; see heap.h.
 *
 * libraft has one allocator for all its instances, so the blocks of the server that acts hang
 * together, and a step may be left in the midst without a leak. Memory begins as zeros, and what is
 * freed is overwritten and used by nobody else until a crash or a reset: so mistakes of the library
 * with its memory are the same in every run. */
#include "heap.h"

#include <raft.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

#define IN_USE 0x5241465448454150u
#define FREED 0xdd

struct block {
	struct block *next;
	size_t size;
	uint64_t mark; /* IN_USE until it is freed */
	max_align_t content[];
};

static struct heap *used;

static void *take(void *data, size_t size)
{
	struct block *block = calloc(1, sizeof *block + size);
	(void)data;
	if (!block)
		abort();
	block->size = size;
	block->mark = IN_USE;
	block->next = used->blocks;
	used->blocks = block;
	return block->content;
}

static struct block *block_of(void *content)
{
	struct block *block = (struct block *)((char *)content - offsetof(struct block, content));
	if (block->mark != IN_USE)
		fail("libraft frees memory that is not in use");
	return block;
}

static void give_back(void *data, void *content)
{
	(void)data;
	if (!content)
		return;
	struct block *block = block_of(content);
	block->mark = 0;
	memset(content, FREED, block->size);
}

static void *take_many(void *data, size_t count, size_t size)
{
	return take(data, count * size);
}

static void *resize(void *data, void *content, size_t size)
{
	void *grown = take(data, size);
	if (content) {
		size_t before = block_of(content)->size;
		memcpy(grown, content, before < size ? before : size);
		give_back(data, content);
	}
	return grown;
}

static void *take_aligned(void *data, size_t alignment, size_t size)
{
	if (alignment > _Alignof(max_align_t))
		fail("libraft asks for memory aligned to %zu bytes", alignment);
	return take(data, size);
}

static void give_back_aligned(void *data, size_t alignment, void *content)
{
	(void)alignment;
	give_back(data, content);
}

void heap_install(void)
{
	static struct raft_heap functions = {.malloc = take,
					     .free = give_back,
					     .calloc = take_many,
					     .realloc = resize,
					     .aligned_alloc = take_aligned,
					     .aligned_free = give_back_aligned};
	raft_heap_set(&functions);
}

void heap_use(struct heap *heap)
{
	used = heap;
}

void heap_clear(struct heap *heap)
{
	struct block *next;
	for (struct block *block = heap->blocks; block; block = next) {
		next = block->next;
		free(block);
	}
	heap->blocks = NULL;
}
