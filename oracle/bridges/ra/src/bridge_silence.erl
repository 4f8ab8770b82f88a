%% A logger that says nothing.
-module(bridge_silence).

-export([log/4]).

log(_Level, _Format, _Arguments, _Meta) -> ok.
