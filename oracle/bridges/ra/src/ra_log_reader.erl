%% In place of ra's reader of its tables and segments: the log as it is on the disk. Its state is the
%% server's name.
-module(ra_log_reader).

-export([init/8, close/1, update_segments/2, update_first_index/2, segment_refs/1, num_open_segments/1,
         read/4, sparse_read/3, fetch_term/2, closed_mem_tables/1, open_mem_table_lookup/1,
         delete_closed_mem_table_object/2]).

init(Server, _Dir, _First, _MaxOpen, _Pattern, _Segments, _Names, _Counter) -> Server.

close(_) -> ok.

update_segments(_, Server) -> Server.

update_first_index(_, Server) -> {Server, []}.

segment_refs(_) -> [].

num_open_segments(_) -> 0.

read(From, To, Server, Behind) ->
    Entries = [{Index, Term, Data} || Index <- lists:seq(From, To),
                                      {Term, Data} <- bridge_disk:entry(Server, Index)],
    {Entries ++ Behind, length(Entries), Server}.

sparse_read(Server, Indexes, Behind) ->
    Entries = [{Index, Term, Data} || Index <- lists:sort(Indexes),
                                      {Term, Data} <- bridge_disk:entry(Server, Index)],
    {Entries ++ Behind, Server}.

fetch_term(Index, Server) ->
    case bridge_disk:entry(Server, Index) of
        [{Term, _}] -> {Term, Server};
        [] -> {undefined, Server}
    end.

closed_mem_tables(_) -> [].

open_mem_table_lookup(Server) ->
    case bridge_disk:range(Server) of
        undefined -> [];
        {First, Last} -> [{Server, First, Last, none}]
    end.

delete_closed_mem_table_object(_, _) -> true.
