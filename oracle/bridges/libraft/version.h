/* The version of libraft that this bridge is written for: struct raft is public, and not the same
 * in others. build.sh reads it here, and refuses another. */
#ifndef VERSION_H
#define VERSION_H

#define LIBRAFT_VERSION "0.15.0"

#endif
