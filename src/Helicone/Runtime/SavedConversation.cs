using System;
using System.IO;
using System.Text;
using Helicone.Conversations;

namespace Helicone.Runtime;

/// <summary>A conversation in a file.</summary>
internal static class SavedConversation
{
    /// <summary>Saves a conversation. A file that exists is replaced when the new one is complete.</summary>
    /// <exception cref="IOException">The file can't be written, or it exists and must be kept.</exception>
    /// <exception cref="UnauthorizedAccessException">The file can't be written.</exception>
    public static void Save(Conversation conversation, string path, bool noClobber)
    {
        if (noClobber)
        {
            using FileStream created = new(path, FileMode.CreateNew, FileAccess.Write);
            using StreamWriter text = new(created, new UTF8Encoding(false));
            ConversationFile.Save(conversation, text);
            return;
        }

        // A disk that fills up must not cost the conversation that the file held before.
        string fresh = path + "." + Guid.NewGuid().ToString("N") + ".tmp";
        try
        {
            using (StreamWriter writer = new(fresh, append: false, new UTF8Encoding(false)))
            {
                ConversationFile.Save(conversation, writer);
            }

            if (File.Exists(path))
            {
                File.Replace(fresh, path, null);
            }
            else
            {
                File.Move(fresh, path);
            }
        }
        finally
        {
            File.Delete(fresh);
        }
    }

    /// <summary>Loads a conversation.</summary>
    /// <exception cref="FormatException">A line isn't a message.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file can't be read.</exception>
    public static Conversation Load(string path)
    {
        using StreamReader reader = new(path);
        return ConversationFile.Load(reader);
    }
}
