import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A small JSON reader and writer: objects are maps, arrays lists, whole numbers longs; enough for
 * the adapter protocol.
 */
final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** Reads a text that holds one value. */
    static Object read(String text) {
        Json reader = new Json(text);
        Object value = reader.value();
        reader.skipSpace();
        if (reader.at < text.length()) {
            throw reader.wrong("the end");
        }
        return value;
    }

    /** Writes a value. */
    static String write(Object value) {
        StringBuilder to = new StringBuilder();
        write(value, to);
        return to.toString();
    }

    private static void write(Object value, StringBuilder to) {
        if (value instanceof Map<?, ?> members) {
            String before = "{";
            for (Map.Entry<?, ?> member : members.entrySet()) {
                to.append(before);
                writeString((String) member.getKey(), to);
                to.append(':');
                write(member.getValue(), to);
                before = ",";
            }
            to.append(members.isEmpty() ? "{}" : "}");
        } else if (value instanceof List<?> elements) {
            String before = "[";
            for (Object element : elements) {
                to.append(before);
                write(element, to);
                before = ",";
            }
            to.append(elements.isEmpty() ? "[]" : "]");
        } else if (value instanceof String string) {
            writeString(string, to);
        } else {
            to.append(value);
        }
    }

    private static void writeString(String string, StringBuilder to) {
        to.append('"');
        for (int index = 0; index < string.length(); index++) {
            char letter = string.charAt(index);
            if (letter == '"' || letter == '\\') {
                to.append('\\').append(letter);
            } else if (letter < 0x20 || letter > 0x7E) {
                to.append(String.format("\\u%04x", (int) letter));
            } else {
                to.append(letter);
            }
        }
        to.append('"');
    }

    private Object value() {
        skipSpace();
        char first = at < text.length() ? text.charAt(at) : 0;
        switch (first) {
            case '{':
                return object();
            case '[':
                return array();
            case '"':
                return string();
            case 't':
                return word("true", true);
            case 'f':
                return word("false", false);
            case 'n':
                return word("null", null);
            default:
                return number();
        }
    }

    private Map<String, Object> object() {
        Map<String, Object> members = new LinkedHashMap<>();
        at++;
        while (!skip('}')) {
            skipSpace();
            String name = string();
            if (!skip(':')) {
                throw wrong("a colon");
            }
            members.put(name, value());
            skip(',');
        }
        return members;
    }

    private List<Object> array() {
        List<Object> elements = new ArrayList<>();
        at++;
        while (!skip(']')) {
            elements.add(value());
            skip(',');
        }
        return elements;
    }

    private String string() {
        StringBuilder content = new StringBuilder();
        if (at >= text.length() || text.charAt(at++) != '"') {
            throw wrong("a string");
        }
        for (; at < text.length(); at++) {
            char letter = text.charAt(at);
            if (letter == '"') {
                at++;
                return content.toString();
            }
            content.append(letter == '\\' ? escaped() : letter);
        }
        throw wrong("the end of a string");
    }

    private char escaped() {
        char letter = ++at < text.length() ? text.charAt(at) : 0;
        switch (letter) {
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u':
                at += 4;
                return (char) Integer.parseInt(text.substring(at - 3, at + 1), 16);
            default:
                return letter;
        }
    }

    private Object word(String word, Object meaning) {
        if (!text.startsWith(word, at)) {
            throw wrong(word);
        }
        at += word.length();
        return meaning;
    }

    private long number() {
        int start = at;
        while (at < text.length() && "-0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        if (start == at) {
            throw wrong("a value");
        }
        return Long.parseLong(text.substring(start, at));
    }

    private boolean skip(char mark) {
        skipSpace();
        if (at < text.length() && text.charAt(at) == mark) {
            at++;
            return true;
        }
        if (at >= text.length()) {
            throw wrong("more");
        }
        return false;
    }

    private void skipSpace() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private IllegalArgumentException wrong(String expected) {
        return new IllegalArgumentException("JSON: expected " + expected + " at " + at);
    }
}
