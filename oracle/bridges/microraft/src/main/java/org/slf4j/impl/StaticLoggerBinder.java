package org.slf4j.impl;

import bridge.ErrorLog;
import org.slf4j.ILoggerFactory;
import org.slf4j.spi.LoggerFactoryBinder;

/** Where SLF4J 1.7 looks for its binding: all loggers are the one that keeps errors. */
public final class StaticLoggerBinder implements LoggerFactoryBinder {

    public static final String REQUESTED_API_VERSION = "1.7";
    private static final StaticLoggerBinder SINGLETON = new StaticLoggerBinder();

    public static StaticLoggerBinder getSingleton() {
        return SINGLETON;
    }

    @Override
    public ILoggerFactory getLoggerFactory() {
        return name -> ErrorLog.INSTANCE;
    }

    @Override
    public String getLoggerFactoryClassStr() {
        return ErrorLog.class.getName();
    }
}
