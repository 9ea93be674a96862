// No functions: for a source file that needs levels.h alone.
