%% In place of ra's write-ahead log: what is written is safe at the end of the step, and then it is told.
-module(ra_log_wal).

-export([write/5, truncate_write/5, write_batch/2]).

write({Server, _}, _Wal, Index, Term, Data) -> bridge_disk:append(Server, {Index, Term, Data, keep}).

truncate_write({Server, _}, _Wal, Index, Term, Data) ->
    bridge_disk:append(Server, {Index, Term, Data, truncate}).

write_batch(_Wal, Commands) ->
    lists:foreach(fun({append, {Server, _}, Index, Term, Data}) ->
                          bridge_disk:append(Server, {Index, Term, Data, keep})
                  end, Commands).
