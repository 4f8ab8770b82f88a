%% ra's own messages, whose records no Debian package ships: their fields in the order of ra.hrl.
-record(append_entries_rpc, {term, leader_id, leader_commit, prev_log_index, prev_log_term, entries}).
-record(append_entries_reply, {term, success, next_index, last_index, last_term}).
-record(request_vote_rpc, {term, candidate_id, last_log_index, last_log_term}).
-record(request_vote_result, {term, vote_granted}).
-record(pre_vote_rpc,
        {version, machine_version, term, token, candidate_id, last_log_index, last_log_term}).
-record(pre_vote_result, {term, token, vote_granted}).
-record(install_snapshot_rpc, {term, leader_id, meta, chunk_state, data}).
-record(install_snapshot_result, {term, last_index, last_term}).
-record(heartbeat_rpc, {query_index, term, leader_id}).
-record(heartbeat_reply, {query_index, term}).
