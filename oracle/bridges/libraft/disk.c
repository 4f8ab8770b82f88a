/* What survives a crash; see disk.h. Every write is whole, and safe at once. */
#include "disk.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

static void *copied(const void *content, size_t size)
{
	void *copy = malloc(size + 1);
	if (!copy)
		abort();
	memcpy(copy, content, size);
	return copy;
}

static struct raft_buffer kept(const struct raft_buffer *buffer)
{
	return (struct raft_buffer){copied(buffer->base, buffer->len), buffer->len};
}

/* The same, in memory that libraft may free. */
static struct raft_buffer lent(const struct raft_buffer *buffer)
{
	struct raft_buffer copy = {raft_malloc(buffer->len), buffer->len};
	memcpy(copy.base, buffer->base, buffer->len);
	return copy;
}

static void drop(struct record *record)
{
	free(record->content.base);
}

static void drop_snapshot(struct disk *disk)
{
	free(disk->snapshot.configuration.base);
	free(disk->snapshot.content.base);
	disk->snapshot = (struct stored_snapshot){0};
}

void disk_clear(struct disk *disk)
{
	disk_truncate(disk, disk->first);
	drop_snapshot(disk);
	free(disk->records);
	*disk = (struct disk){.first = 1};
}

void disk_bootstrap(struct disk *disk, const struct raft_configuration *configuration)
{
	struct raft_entry first = {.term = 1, .type = RAFT_CHANGE};
	if (raft_configuration_encode(configuration, &first.buf) != 0)
		fail("the first configuration cannot be encoded");
	disk->term = 1;
	disk_append(disk, &first, 1);
	raft_free(first.buf.base);
}

void disk_append(struct disk *disk, const struct raft_entry *entries, unsigned count)
{
	for (unsigned place = 0; place < count; place++) {
		if (disk->count == disk->room) {
			disk->room = 2 * disk->room + 8;
			disk->records = realloc(disk->records, disk->room * sizeof *disk->records);
			if (!disk->records)
				abort();
		}
		disk->records[disk->count++] = (struct record){
			entries[place].term, entries[place].type, kept(&entries[place].buf)};
	}
}

void disk_truncate(struct disk *disk, raft_index index)
{
	while (disk->count > 0 && disk->first + disk->count > index)
		drop(&disk->records[--disk->count]);
}

static void forget_before(struct disk *disk, raft_index index)
{
	size_t gone = index > disk->first ? (size_t)(index - disk->first) : 0;
	if (gone > disk->count)
		gone = disk->count;
	for (size_t place = 0; place < gone; place++) {
		disk->term_before = disk->records[place].term;
		drop(&disk->records[place]);
	}
	disk->count -= gone;
	disk->first += gone;
	if (gone > 0)
		memmove(disk->records, disk->records + gone, disk->count * sizeof *disk->records);
}

void disk_keep_snapshot(struct disk *disk, const struct raft_snapshot *snapshot, unsigned trailing)
{
	struct raft_buffer encoded;
	if (raft_configuration_encode(&snapshot->configuration, &encoded) != 0)
		fail("the configuration of a snapshot cannot be encoded");
	drop_snapshot(disk);
	disk->snapshot =
		(struct stored_snapshot){snapshot->index, snapshot->term, kept(&encoded),
					 snapshot->configuration_index, kept(&snapshot->bufs[0])};
	raft_free(encoded.base);
	if (trailing == 0) {
		disk_truncate(disk, disk->first);
		disk->first = snapshot->index + 1;
		disk->term_before = snapshot->term;
	} else if (snapshot->index > trailing) {
		forget_before(disk, snapshot->index - trailing + 1);
	}
}

struct raft_entry *disk_entries(const struct disk *disk)
{
	size_t size = 0;
	for (size_t place = 0; place < disk->count; place++)
		size += disk->records[place].content.len;
	if (disk->count == 0)
		return NULL;
	struct raft_entry *entries = raft_calloc(disk->count, sizeof *entries);
	char *batch = raft_malloc(size), *to = batch;
	for (size_t place = 0; place < disk->count; place++) {
		const struct record *record = &disk->records[place];
		memcpy(to, record->content.base, record->content.len);
		entries[place] = (struct raft_entry){
			record->term, record->type, {to, record->content.len}, batch};
		to += record->content.len;
	}
	return entries;
}

struct raft_snapshot *disk_snapshot(const struct disk *disk)
{
	const struct stored_snapshot *stored = &disk->snapshot;
	if (stored->index == 0)
		return NULL;
	struct raft_snapshot *snapshot = raft_calloc(1, sizeof *snapshot);
	snapshot->index = stored->index;
	snapshot->term = stored->term;
	snapshot->configuration_index = stored->configuration_index;
	decode_configuration(&stored->configuration, &snapshot->configuration);
	snapshot->n_bufs = 1;
	snapshot->bufs = raft_malloc(sizeof *snapshot->bufs);
	snapshot->bufs[0] = lent(&stored->content);
	return snapshot;
}

static uint64_t read_number(const unsigned char *from)
{
	uint64_t number = 0;
	for (int place = 7; place >= 0; place--)
		number = number << 8 | from[place];
	return number;
}

void decode_configuration(const struct raft_buffer *encoded,
			  struct raft_configuration *configuration)
{
	const unsigned char *from = encoded->base;
	uint64_t count = read_number(from + 1); /* behind the format's version */
	raft_configuration_init(configuration);
	from += 9;
	while (count-- > 0) {
		const char *address = (const char *)from + 8;
		const unsigned char *role = from + 8 + strlen(address) + 1;
		if (raft_configuration_add(configuration, read_number(from), address, *role) != 0)
			fail("a configuration cannot be read");
		from = role + 1;
	}
}
