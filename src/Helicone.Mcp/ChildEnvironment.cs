using System;
using System.Collections;
using System.Collections.Generic;

namespace Helicone.Mcp;

/// <summary>The environment of a server's process: the variables that programs need to run, and those that the user named.</summary>
/// <remarks>Keys hide under any name, so what a server inherits is a list of what it may have.</remarks>
internal static class ChildEnvironment
{
    private static readonly HashSet<string> s_inherited = new(StringComparer.OrdinalIgnoreCase)
    {
        // Users and folders.
        "HOME", "HOMEDRIVE", "HOMEPATH", "LOGNAME", "USER", "USERNAME", "USERPROFILE", "USERDOMAIN", "APPDATA", "LOCALAPPDATA", "ALLUSERSPROFILE",
        "PROGRAMDATA", "PROGRAMFILES", "PROGRAMFILES(X86)", "PROGRAMW6432", "COMMONPROGRAMFILES", "TEMP", "TMP", "TMPDIR", "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_DATA_DIRS", "XDG_RUNTIME_DIR", "XDG_STATE_HOME",

        // The system.
        "PATH", "PATHEXT", "SHELL", "TERM", "TZ", "LANG", "LANGUAGE", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "OS", "PROCESSOR_ARCHITECTURE",
        "NUMBER_OF_PROCESSORS", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DISPLAY", "WAYLAND_DISPLAY",

        // Runtimes, and how they reach the network.
        "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_CLI_HOME", "NVM_DIR", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
        "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "NPM_CONFIG_REGISTRY", "NPM_CONFIG_CACHE", "NPM_CONFIG_PREFIX", "NPM_CONFIG_CAFILE", "UV_CACHE_DIR", "DOCKER_HOST",
    };

    /// <summary>The variables of the process.</summary>
    internal static Dictionary<string, string> Of(IDictionary parent, IReadOnlyDictionary<string, string> named)
    {
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in parent)
        {
            string name = (string)entry.Key;
            string value = (string?)entry.Value ?? string.Empty;
            if ((s_inherited.Contains(name) || name.StartsWith("LC_", StringComparison.Ordinal)) && !HasPassword(value))
            {
                variables[name] = value;
            }
        }

        foreach (KeyValuePair<string, string> variable in named)
        {
            variables[variable.Key] = variable.Value;
        }

        return variables;
    }

    // The address of a proxy or of a registry may be http://user:password@host.
    private static bool HasPassword(string value) =>
        value.IndexOf('@') >= 0 && (value.IndexOf("://", StringComparison.Ordinal) >= 0 || IsUserAtHost(value));

    private static bool IsUserAtHost(string value) => value.IndexOf(':') is > 0 and int colon && colon < value.IndexOf('@') && value.IndexOfAny(['/', '\\']) < 0;
}
