/* An adapter that costs next to nothing: bench/adapter.py measures what is left.

   Servers only stand for election. Every request for a vote is answered by a refusal, and every
   reply shows the server that acted, so that each step has a line to write, read and judge. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVERS 10

static unsigned long terms[SERVERS];
static int votes[SERVERS];
static int servers;

static const char *HELLO =
    "{\"protocol\":1,\"name\":\"idle\",\"version\":\"1\",\"network\":\"any\","
    "\"observes\":[\"voted_for\"]}\n";

/* The number of the server behind a key such as "server":"S2"; 0 where there is none. */
static int server_at(const char *line, const char *key)
{
    const char *found = strstr(line, key);
    return found ? found[strlen(key)] - '0' : 0;
}

static void show(int server, const char *tail)
{
    printf("\"S%d\":{\"role\":\"%s\",\"term\":%lu,\"vote\":", server,
           votes[server] == server ? "candidate" : "follower", terms[server]);
    if (votes[server])
        printf("\"S%d\"", votes[server]);
    else
        printf("null");
    printf(",\"commit\":0,\"applied\":0%s}", tail);
}

static void reply_with_view(int server, const char *tail)
{
    printf("\"views\":{");
    show(server, tail);
    printf("}}\n");
}

static void reset(const char *line)
{
    const char *last = strstr(line, "\"settings\"");
    for (servers = 0; (line = strstr(line, "\"S")) && line < last; line++)
        servers++;
    memset(terms, 0, sizeof terms);
    memset(votes, 0, sizeof votes);
    printf("{\"views\":{");
    for (int server = 1; server <= servers; server++) {
        if (server > 1)
            putchar(',');
        show(server, "");
    }
    printf("}}\n");
}

static void stand(int server)
{
    terms[server]++;
    votes[server] = server;
    printf("{\"sent\":[");
    for (int peer = 1, comma = 0; peer <= servers; peer++)
        if (peer != server) {
            printf("%s{\"to\":\"S%d\",\"message\":\"ask %lu\",\"label\":\"RequestVote t%lu\","
                   "\"meaning\":{\"type\":\"request_vote\",\"term\":%lu}}",
                   comma ? "," : "", peer, terms[server], terms[server], terms[server]);
            comma = 1;
        }
    printf("],");
    reply_with_view(server, "");
}

static void receive(const char *line, int server)
{
    const char *ask = strstr(line, "\"ask ");
    if (!ask) {
        printf("{");
        reply_with_view(server, "");
        return;
    }
    unsigned long term = strtoul(ask + 5, NULL, 10);
    if (term > terms[server]) {
        terms[server] = term;
        votes[server] = 0;
    }
    printf("{\"sent\":[{\"to\":\"S%d\",\"message\":\"no %lu\",\"label\":\"refused t%lu\"}],",
           server_at(line, "\"from\":\"S"), terms[server], terms[server]);
    reply_with_view(server, "");
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        int server = server_at(line, "\"server\":\"S");
        if (strstr(line, "\"op\":\"hello\"")) {
            fputs(HELLO, stdout);
        } else if (strstr(line, "\"op\":\"reset\"")) {
            reset(line);
        } else if (strstr(line, "\"op\":\"election_timeout\"")) {
            stand(server);
        } else if (strstr(line, "\"op\":\"receive\"")) {
            receive(line, server);
        } else if (strstr(line, "\"op\":\"restart\"")) {
            votes[server] = votes[server] == server ? 0 : votes[server];
            printf("{");
            reply_with_view(server, ",\"log\":{\"from\":1,\"entries\":[]}");
        } else {
            printf("{");
            reply_with_view(server, "");
        }
        fflush(stdout);
    }
    free(line);
    return 0;
}
