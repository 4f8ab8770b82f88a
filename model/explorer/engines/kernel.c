/* The inner loop of the explorer. It knows no Raft: only tables of numbers, see tables.py.
 *
 * expand   makes the successors of states, as numpy_engine.py does, which is what it must equal
 * mark     says which of them are new, and puts those into the set of fingerprints
 * collect  counts them all, and copies the new ones out in order
 * rehash   moves fingerprints into a larger set
 * version  says which of these functions, with which arguments, a library has
 *
 * All memory belongs to the caller; nothing here allocates, and nothing is kept between calls.
 */
#include <stdint.h>
#include <string.h>

#define VERSION 3 /* another one whenever a struct or an argument changes; kernel.py has it too */
#define NO_RESULT INT32_MIN
#define IMPOSSIBLE (-1)
#define OUTSIDE (-2)
#define MULTIPLIER UINT64_C(0x9E3779B97F4A7C15)
#define AHEAD 12 /* candidates between asking memory for a slot and reading it */
#define MOST_RENAMINGS 5040

typedef struct {
    int64_t width, renamings, stride, bits;
    const int32_t *aspects;
    const uint64_t *hashes;
    const int32_t *offer_first, *offer_last, *offer_kind, *offer_subject, *offer_event;
    const int32_t *offer_changes_first, *offer_changes_last;
    const int32_t *change_place, *change_label;
    const int32_t *reaction_first, *reaction_last;
    const int32_t *outcome_value, *outcome_flag;
    const int32_t *outcome_changes_first, *outcome_changes_last;
    const int64_t *pairs; /* a key and its result, one after the other */
} Tables;

typedef struct {
    int64_t capacity, used;
    int32_t *rows;
    uint64_t *fingerprints;
    int32_t *flags, *kinds, *outcomes;
    uint8_t *is_new;
    int64_t missing_capacity, missing_used;
    int64_t *missing;
} Buffer;

static inline uint64_t slot_of(uint64_t key, int64_t bits)
{
    return (key * MULTIPLIER) >> (64 - bits);
}

static inline int32_t look_up(const Tables *tables, int32_t value, int32_t label, Buffer *out)
{
    const uint64_t key = ((uint64_t)(uint32_t)value + 1) << 32 | (uint32_t)label;
    const uint64_t mask = (UINT64_C(1) << tables->bits) - 1;
    uint64_t slot = slot_of(key, tables->bits);
    while ((uint64_t)tables->pairs[2 * slot] != key) {
        if (tables->pairs[2 * slot] == 0) {
            if (out->missing_used < out->missing_capacity)
                out->missing[out->missing_used++] = (int64_t)key;
            return NO_RESULT;
        }
        slot = (slot + 1) & mask;
    }
    return (int32_t)tables->pairs[2 * slot + 1];
}

/* Make changes first to last on `row`; 0, or 1 where one is not possible, or 2 where one is
 * unknown. */
static int change(const Tables *tables, const int32_t *parent, int32_t *row, int32_t first,
                  int32_t last, int32_t *flag, uint64_t *touched, Buffer *out)
{
    for (int32_t each = first; each < last; each++) {
        const int32_t place = tables->change_place[each];
        int32_t label = tables->change_label[each];
        if (label < 0)
            label = tables->aspects[parent[-1 - label]];
        const int32_t result = look_up(tables, row[place], label, out);
        if (result >= 0) {
            row[place] = result;
            *touched |= UINT64_C(1) << place;
        } else if (result == IMPOSSIBLE)
            return 1;
        else if (result == NO_RESULT)
            return 2;
        else if (*flag == 0 || (*flag == OUTSIDE && result < OUTSIDE))
            *flag = result;
    }
    return 0;
}

static uint64_t fingerprint(const Tables *tables, const uint64_t *sums, const int32_t *parent,
                            const int32_t *row, uint64_t touched)
{
    uint64_t moved[MOST_RENAMINGS];
    const int64_t renamings = tables->renamings;
    memcpy(moved, sums, (size_t)renamings * sizeof *sums);
    for (; touched; touched &= touched - 1) {
        const int place = __builtin_ctzll(touched);
        if (row[place] == parent[place])
            continue;
        const uint64_t *before = tables->hashes + (int64_t)parent[place] * tables->stride;
        const uint64_t *after = tables->hashes + (int64_t)row[place] * tables->stride;
        for (int64_t each = 0; each < renamings; each++)
            moved[each] += after[each] - before[each];
    }
    uint64_t least = moved[0];
    for (int64_t each = 1; each < renamings; each++)
        least = moved[each] < least ? moved[each] : least;
    return least ? least : 1;
}

/* One candidate more: 0 if it is there or cannot be, 2 if something was unknown, 3 if `out` is
 * full. */
static int attempt(const Tables *tables, const uint64_t *sums, const int32_t *parent, int32_t offer,
                   int32_t outcome, Buffer *out)
{
    if (out->used == out->capacity)
        return 3;
    int32_t *row = out->rows + out->used * tables->width;
    int32_t flag = 0;
    uint64_t touched = 0;
    memcpy(row, parent, (size_t)tables->width * sizeof *row);
    if (outcome >= 0) {
        const int32_t subject = tables->offer_subject[offer];
        row[subject] = tables->outcome_value[outcome];
        flag = tables->outcome_flag[outcome];
        touched = UINT64_C(1) << subject;
    }
    int refused = change(tables, parent, row, tables->offer_changes_first[offer],
                         tables->offer_changes_last[offer], &flag, &touched, out);
    if (!refused && outcome >= 0)
        refused = change(tables, parent, row, tables->outcome_changes_first[outcome],
                         tables->outcome_changes_last[outcome], &flag, &touched, out);
    if (refused)
        return refused == 1 ? 0 : 2;
    out->fingerprints[out->used] = fingerprint(tables, sums, parent, row, touched);
    out->flags[out->used] = flag;
    out->kinds[out->used] = tables->offer_kind[offer];
    out->outcomes[out->used] = outcome;
    out->used++;
    return 0;
}

static int expand_one(const Tables *tables, const int32_t *parent, Buffer *out)
{
    uint64_t sums[MOST_RENAMINGS];
    int problem = 0;
    memset(sums, 0, (size_t)tables->renamings * sizeof *sums);
    for (int64_t place = 0; place < tables->width; place++)
        for (int64_t each = 0; each < tables->renamings; each++)
            sums[each] += tables->hashes[(int64_t)parent[place] * tables->stride + each];
    for (int64_t place = 0; place < tables->width; place++) {
        const int32_t value = parent[place];
        for (int32_t offer = tables->offer_first[value]; offer < tables->offer_last[value];
             offer++) {
            const int32_t subject = tables->offer_subject[offer];
            int32_t first = -1, last = 0;
            if (subject >= 0) {
                const int32_t reaction =
                    look_up(tables, parent[subject], tables->offer_event[offer], out);
                if (reaction == NO_RESULT) {
                    problem = 2;
                    continue;
                }
                first = tables->reaction_first[reaction];
                last = tables->reaction_last[reaction];
            }
            for (int32_t outcome = first; outcome < last; outcome++) {
                const int refused = attempt(tables, sums, parent, offer, outcome, out);
                if (refused == 3)
                    return 3;
                problem |= refused;
            }
        }
    }
    return problem;
}

/* The successors of the states at `positions` into `out`: for position p, those from firsts[p] up
 * to lasts[p]; firsts[p] is -1 where something was unknown. How many positions were done: fewer
 * than all where `out` is full. */
int64_t expand(const Tables *tables, const int32_t *rows, const int64_t *positions, int64_t count,
               int64_t *firsts, int64_t *lasts, Buffer *out)
{
    for (int64_t done = 0; done < count; done++) {
        const int64_t position = positions[done];
        const int64_t before = out->used;
        const int problem = expand_one(tables, rows + position * tables->width, out);
        firsts[position] = before;
        lasts[position] = out->used;
        if (problem)
            out->used = before;
        if (problem == 3)
            return done;
        if (problem)
            firsts[position] = -1;
    }
    return count;
}

/* Say which candidates are new, of those whose fingerprint falls to this part; how many. */
int64_t mark(uint64_t *slots, int64_t bits, int64_t part, int64_t parts, const int64_t *firsts,
             const int64_t *lasts, int64_t positions, Buffer *out)
{
    const uint64_t mask = (UINT64_C(1) << bits) - 1;
    int64_t found = 0;
    for (int64_t position = 0; position < positions; position++)
        for (int64_t each = firsts[position]; each < lasts[position]; each++) {
            if (each + AHEAD < out->used)
                __builtin_prefetch(slots + slot_of(out->fingerprints[each + AHEAD], bits));
            const uint64_t mine = out->fingerprints[each];
            if (parts > 1 && (int64_t)(mine % (uint64_t)parts) != part)
                continue;
            out->is_new[each] = 0;
            if (out->flags[each])
                continue;
            uint64_t slot = slot_of(mine, bits);
            for (;;) { /* another part may take the slot meanwhile, with another fingerprint */
                uint64_t held = __atomic_load_n(slots + slot, __ATOMIC_RELAXED);
                if (held == 0 && __atomic_compare_exchange_n(slots + slot, &held, mine, 0,
                                                             __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
                    out->is_new[each] = 1;
                    found++;
                    break;
                }
                if (held == mine)
                    break;
                slot = (slot + 1) & mask;
            }
        }
    return found;
}

/* Count every candidate, copy out the new ones with their fingerprint, their parent and their
 * number among its successors, and note the first violation as (position, number, flag). How many
 * are new. */
int64_t collect(int64_t width, int64_t first_parent, const int64_t *firsts, const int64_t *lasts,
                int64_t positions, const Buffer *out, int64_t *kinds, int64_t *outcomes,
                int32_t *rows, uint64_t *fingerprints, uint32_t *parents, uint16_t *numbers,
                int64_t *violation)
{
    int64_t found = 0;
    for (int64_t position = 0; position < positions; position++)
        for (int64_t each = firsts[position]; each < lasts[position]; each++) {
            kinds[out->kinds[each]]++;
            if (out->outcomes[each] >= 0)
                outcomes[out->outcomes[each]]++;
            if (out->is_new[each]) {
                memcpy(rows + found * width, out->rows + each * width,
                       (size_t)width * sizeof *rows);
                fingerprints[found] = out->fingerprints[each];
                parents[found] = (uint32_t)(first_parent + position);
                numbers[found] = (uint16_t)(each - firsts[position]);
                found++;
            } else if (out->flags[each] < OUTSIDE && violation[2] == 0) {
                violation[0] = position;
                violation[1] = each - firsts[position];
                violation[2] = out->flags[each];
            }
        }
    return found;
}

/* Put all fingerprints of one set into another, empty one. */
void rehash(const uint64_t *from, int64_t count, uint64_t *slots, int64_t bits)
{
    const uint64_t mask = (UINT64_C(1) << bits) - 1;
    for (int64_t each = 0; each < count; each++) {
        if (each + AHEAD < count)
            __builtin_prefetch(slots + slot_of(from[each + AHEAD], bits));
        if (from[each] == 0)
            continue;
        uint64_t slot = slot_of(from[each], bits);
        while (slots[slot])
            slot = (slot + 1) & mask;
        slots[slot] = from[each];
    }
}

int64_t version(void)
{
    return VERSION;
}
