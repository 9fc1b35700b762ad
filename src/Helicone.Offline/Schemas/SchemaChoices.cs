using System;
using System.Collections.Generic;
using System.Linq;

namespace Helicone.Offline.Schemas;

/// <summary>
/// The choices of one attempt at a value: which branch, which type, which text. The first attempt takes the first option everywhere; later
/// ones differ in one choice, and then in ever more of them.
/// </summary>
internal sealed class SchemaChoices
{
    private readonly List<(int Chosen, int Options)> _choices = [];
    private readonly Queue<int[]> _deviations = new();
    private int _next;
    private bool _hasDeviated;

    /// <summary>Chooses one of so many options.</summary>
    public int Choose(int options)
    {
        if (options <= 1)
        {
            return 0;
        }

        if (_next == _choices.Count)
        {
            _choices.Add((0, options));
        }

        int chosen = Math.Min(_choices[_next].Chosen, options - 1);
        _choices[_next++] = (chosen, options);
        return chosen;
    }

    /// <summary>Begins the next attempt. Returns <see langword="false"/> when every choice has been tried.</summary>
    public bool Advance()
    {
        _choices.RemoveRange(_next, _choices.Count - _next);
        _next = 0;
        if (!_hasDeviated)
        {
            _hasDeviated = true;
            for (int i = 0; i < _choices.Count; i++)
            {
                for (int option = 1; option < _choices[i].Options; option++)
                {
                    _deviations.Enqueue([.. Enumerable.Repeat(0, i), option]);
                }
            }
        }

        if (_deviations.TryDequeue(out int[]? deviation))
        {
            _choices.Clear();
            _choices.AddRange(deviation.Select(d => (d, int.MaxValue)));
            return true;
        }

        while (_choices.Count > 0)
        {
            (int chosen, int options) = _choices[^1];
            if (chosen + 1 < options)
            {
                _choices[^1] = (chosen + 1, options);
                return true;
            }

            _choices.RemoveAt(_choices.Count - 1);
        }

        return false;
    }
}
