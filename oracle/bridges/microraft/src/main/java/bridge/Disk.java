package bridge;

import io.microraft.model.impl.log.DefaultSnapshotEntryOrBuilder;
import io.microraft.model.impl.persistence.DefaultRaftTermPersistentStateOrBuilder;
import io.microraft.model.log.LogEntry;
import io.microraft.model.log.RaftGroupMembersView;
import io.microraft.model.log.SnapshotChunk;
import io.microraft.model.log.SnapshotEntry;
import io.microraft.model.persistence.RaftEndpointPersistentState;
import io.microraft.model.persistence.RaftTermPersistentState;
import io.microraft.persistence.RaftStore;
import io.microraft.persistence.RestoredRaftState;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What survives a crash: what was written, as far as it was flushed. */
final class Disk implements RaftStore {

    private RaftEndpointPersistentState endpoint;
    private RaftGroupMembersView initialMembers;
    private RaftTermPersistentState term = new DefaultRaftTermPersistentStateOrBuilder().setTerm(0).build();
    private NavigableMap<Long, LogEntry> entries = new TreeMap<>();
    private NavigableMap<Long, NavigableMap<Integer, SnapshotChunk>> chunks = new TreeMap<>();
    private NavigableMap<Long, LogEntry> flushedEntries = new TreeMap<>();
    private NavigableMap<Long, NavigableMap<Integer, SnapshotChunk>> flushedChunks = new TreeMap<>();

    @Override
    public void persistAndFlushLocalEndpoint(RaftEndpointPersistentState state) {
        endpoint = state;
    }

    @Override
    public void persistAndFlushInitialGroupMembers(RaftGroupMembersView members) {
        initialMembers = members;
    }

    @Override
    public void persistAndFlushTerm(RaftTermPersistentState state) {
        term = state;
    }

    @Override
    public void persistLogEntries(List<LogEntry> added) {
        added.forEach(entry -> entries.put(entry.getIndex(), entry));
    }

    @Override
    public void persistSnapshotChunk(SnapshotChunk chunk) {
        chunks.computeIfAbsent(chunk.getIndex(), index -> new TreeMap<>())
                .put(chunk.getSnapshotChunkIndex(), chunk);
    }

    @Override
    public void truncateLogEntriesFrom(long index) {
        entries.tailMap(index, true).clear();
    }

    @Override
    public void truncateLogEntriesUntil(long index) {
        entries.headMap(index, true).clear();
    }

    @Override
    public void deleteSnapshotChunks(long index, int count) {
        chunks.remove(index);
    }

    @Override
    public void flush() {
        flushedEntries = new TreeMap<>(entries);
        flushedChunks = new TreeMap<>();
        chunks.forEach((index, each) -> flushedChunks.put(index, new TreeMap<>(each)));
    }

    /** The server crashes: what was not flushed is lost. */
    void crash() {
        entries = new TreeMap<>(flushedEntries);
        chunks = new TreeMap<>();
        flushedChunks.forEach((index, each) -> chunks.put(index, new TreeMap<>(each)));
    }

    /** What a server starts with: the latest snapshot that is complete, and the entries behind it. */
    RestoredRaftState restored() {
        SnapshotEntry snapshot = latestSnapshot();
        long snapshotIndex = snapshot == null ? 0 : snapshot.getIndex();
        List<LogEntry> behind = new ArrayList<>(entries.tailMap(snapshotIndex, false).values());
        return new RestoredRaftState(endpoint, initialMembers, term, snapshot, behind);
    }

    private SnapshotEntry latestSnapshot() {
        for (NavigableMap<Integer, SnapshotChunk> each : chunks.descendingMap().values()) {
            SnapshotChunk first = each.firstEntry().getValue();
            if (each.size() == first.getSnapshotChunkCount()) {
                return new DefaultSnapshotEntryOrBuilder().setTerm(first.getTerm()).setIndex(first.getIndex())
                        .setSnapshotChunks(new ArrayList<>(each.values()))
                        .setGroupMembersView(first.getGroupMembersView()).build();
            }
        }
        return null;
    }
}
