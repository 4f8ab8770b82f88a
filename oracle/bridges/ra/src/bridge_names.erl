%% Names of servers, as the protocol and as ra has them.
-module(bridge_names).

-export([id/1, name/1]).

id(Name) -> {binary_to_atom(Name), node()}.

name({Name, _Node}) -> atom_to_binary(Name).
