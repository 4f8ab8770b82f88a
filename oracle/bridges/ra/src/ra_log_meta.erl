%% In place of ra's file of term, vote and last applied index: they are safe when a call returns.
-module(ra_log_meta).

-export([fetch/4, store/4, store_sync/4]).

fetch(_File, Server, Key, Default) -> bridge_disk:read(Server, {meta, Key}, Default).

store(_File, Server, Key, Value) -> bridge_disk:write(Server, {meta, Key}, Value).

store_sync(File, Server, Key, Value) -> store(File, Server, Key, Value).
