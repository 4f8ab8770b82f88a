package bridge;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.helpers.NOPLogger;
import org.slf4j.helpers.SubstituteLogger;

/**
 * Keeps what MicroRaft logs as an error together with an exception: it survives its own exceptions
 * and only logs them.
 */
public final class ErrorLog extends SubstituteLogger {

    public static final ErrorLog INSTANCE = new ErrorLog();
    private final transient List<Throwable> failures = new ArrayList<>();

    private ErrorLog() {
        super("errors", null, true);
        setDelegate(NOPLogger.NOP_LOGGER);
    }

    @Override
    public boolean isErrorEnabled() {
        return true;
    }

    @Override
    public void error(String message, Throwable failure) {
        failures.add(failure);
    }

    /** The first exception since the last call, in one line; null where there was none. */
    String take() {
        String first = failures.isEmpty() ? null : describe(failures.get(0));
        failures.clear();
        return first;
    }

    /** An exception, and the place in MicroRaft where it came from. */
    static String describe(Throwable failure) {
        StringBuilder text = new StringBuilder(String.valueOf(failure));
        for (StackTraceElement element : failure.getStackTrace()) {
            if (element.getClassName().startsWith("io.microraft")) {
                text.append(" at ").append(element.getFileName()).append(':').append(element.getLineNumber());
                break;
            }
        }
        return text.toString();
    }
}
