package bridge;

import io.microraft.executor.RaftNodeExecutor;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** One server's time and tasks: a clock that stands still until it is told, and what waits for it. */
final class Timeline extends Clock implements RaftNodeExecutor {

    private record Task(long due, long number, Runnable work) {
    }

    private final Queue<Runnable> ready = new ArrayDeque<>();
    private final PriorityQueue<Task> waiting =
            new PriorityQueue<>(Comparator.comparingLong(Task::due).thenComparingLong(Task::number));
    private long now;
    private long scheduled;

    Timeline(long now) {
        this.now = now;
    }

    @Override
    public void execute(Runnable task) {
        ready.add(task);
    }

    @Override
    public void submit(Runnable task) {
        ready.add(task);
    }

    @Override
    public void schedule(Runnable task, long delay, TimeUnit unit) {
        waiting.add(new Task(now + unit.toMillis(delay), scheduled++, task));
    }

    /** Do all that can be done now. */
    void settle() {
        for (Runnable task = ready.poll(); task != null; task = ready.poll()) {
            task.run();
        }
    }

    /** Let time go by without anything that waits for it: its thread is late. */
    void pass(long milliseconds) {
        now += milliseconds;
    }

    /** Do what has become due until now, but not what comes after a new term: that is a step of its own. */
    void doWhatIsDue(IntSupplier term) {
        long until = now;
        int before = term.getAsInt();
        while (!waiting.isEmpty() && waiting.peek().due() <= until && term.getAsInt() == before) {
            waiting.poll().work().run();
            settle();
        }
    }

    @Override
    public long millis() {
        return now;
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(now);
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
